package author

import _ "embed" // the schema

//go:embed report.schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of a report file: editors complete
// keys and underline what is not one. It is looser than the reader, which also
// knows what names belong together.
func Schema() []byte { return schema }
