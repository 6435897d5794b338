package main

import "peyk/internal/node"

// limitFlags bound the making of reports.
type limitFlags struct {
	Workers  int   `help:"Reports made at a time; the rest waits in line." default:"2" group:"Reports"`
	RowCap   int   `help:"Most rows read of one source." default:"1000000" group:"Reports"`
	CostCap  int64 `help:"Most rows a report may be estimated to read; one that would read more is refused." default:"100000000" group:"Reports"`
	PageRows int   `help:"Most rows of a table in a PDF; it says where the rest is." default:"10000" group:"Reports"`
	MemoryMB int64 `help:"Megabytes of gathered rows a report keeps in memory; more lie on disk." default:"64" name:"memory-mb" group:"Reports"`
}

func (f limitFlags) limits() node.Limits {
	return node.Limits{Workers: f.Workers, RowCap: f.RowCap, CostCap: f.CostCap, PageRows: f.PageRows, Memory: f.MemoryMB << 20}
}
