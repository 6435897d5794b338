package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// Keys no dictionary may have, whatever it is for (ISO 32000-2 names the
// clause). They are looked for in every object, reachable or not.
var forbiddenKeys = map[string]Code{ //nolint:gochecknoglobals // a table, never written
	"JS":         JavaScript,    // 12.6.4.17
	"JavaScript": JavaScript,    // name tree, 7.7.4
	"EF":         Attachment,    // file specification, 7.11.3
	"RF":         Attachment,    // related files, 7.11.4.3
	"AF":         Attachment,    // associated files, 14.13
	"Collection": Attachment,    // portfolio, 12.3.5
	"AA":         OpenAction,    // additional actions, 12.6.3
	"XFA":        ActiveContent, // 12.7.8
	"RichMedia":  ActiveContent,
}

// Names that make a dictionary what it must not be, by the key they stand under.
var forbiddenNames = map[string]map[string]Code{ //nolint:gochecknoglobals // a table, never written
	"S": { // kinds of actions, 12.6.4
		"JavaScript": JavaScript,
		"Launch":     Launch, "GoToR": Launch, "GoToE": Attachment,
		"SubmitForm": ActiveContent, "ImportData": ActiveContent, "ResetForm": ActiveContent,
		"Rendition": ActiveContent, "Movie": ActiveContent, "Sound": ActiveContent,
		"GoTo3DView": ActiveContent, "RichMediaExecute": ActiveContent,
	},
	"Type": {"EmbeddedFile": Attachment},
	"Subtype": { // kinds of annotations, 12.5.6
		"FileAttachment": Attachment,
		"Movie":          ActiveContent, "Sound": ActiveContent, "Screen": ActiveContent,
		"3D": ActiveContent, "RichMedia": ActiveContent,
	},
}

// inspect looks at every object of the document and unpacks every stream.
func (c *checker) inspect(ctx *model.Context) *refusal {
	if len(ctx.Table) > c.limits.Objects {
		return &refusal{TooMuch, fmt.Sprintf("%d objects, at most %d", len(ctx.Table), c.limits.Objects)}
	}
	budget := c.limits.Unpacked
	for _, number := range slices.Sorted(maps.Keys(ctx.Table)) { // the same verdict each time
		entry := ctx.Table[number]
		if entry == nil || entry.Free {
			continue
		}
		if err := c.object(ctx, entry.Object, &budget); err != nil {
			err.Detail = fmt.Sprintf("object %d: %s", number, err.Detail)
			return err
		}
	}
	return nil
}

func (c *checker) object(ctx *model.Context, o types.Object, budget *int64) *refusal {
	switch o := o.(type) {
	case types.Dict:
		return c.dict(ctx, o, budget)
	case types.Array:
		for _, element := range o {
			if err := c.object(ctx, element, budget); err != nil {
				return err
			}
		}
	case types.StreamDict:
		return c.stream(ctx, o, budget)
	case types.ObjectStreamDict:
		return c.stream(ctx, o.StreamDict, budget)
	case types.XRefStreamDict:
		return c.stream(ctx, o.StreamDict, budget)
	case types.LazyObjectStreamObject:
		decoded, err := o.DecodedObject(context.Background())
		if err != nil {
			return readRefusal(err)
		}
		return c.object(ctx, decoded, budget)
	}
	return nil
}

func (c *checker) dict(ctx *model.Context, d types.Dict, budget *int64) *refusal {
	for raw, value := range d {
		key := plain(raw)
		if code, forbidden := forbiddenKeys[key]; forbidden {
			return &refusal{code, "key /" + key}
		}
		if name, ok := resolved(ctx, value).(types.Name); ok {
			if code, forbidden := forbiddenNames[key][plain(name.Value())]; forbidden {
				return &refusal{code, "/" + key + " /" + plain(name.Value())}
			}
		}
		if key == "EmbeddedFiles" && !emptyTree(ctx, value) {
			return &refusal{Attachment, "key /EmbeddedFiles"}
		}
		if err := c.object(ctx, value, budget); err != nil {
			return err
		}
		if key == "OpenAction" {
			if err := openAction(ctx, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// openAction refuses whatever happens on opening but a choice of page and zoom;
// something worse is called by its own name.
func openAction(ctx *model.Context, o types.Object) *refusal {
	action := resolved(ctx, o)
	if justAView(ctx, action) {
		return nil
	}
	if d, ok := action.(types.Dict); ok {
		if kind, ok := resolved(ctx, d["S"]).(types.Name); ok && forbiddenNames["S"][plain(kind.Value())] != "" {
			return &refusal{forbiddenNames["S"][plain(kind.Value())], "/OpenAction /" + plain(kind.Value())}
		}
	}
	return &refusal{OpenAction, "key /OpenAction"}
}

// emptyTree tells whether a name tree (7.9.6) has no entries: some writers put
// one for attachments into every document.
func emptyTree(ctx *model.Context, o types.Object) bool {
	root, ok := resolved(ctx, o).(types.Dict)
	if !ok || root["Kids"] != nil {
		return false
	}
	names, ok := resolved(ctx, root["Names"]).(types.Array)
	return root["Names"] == nil || ok && len(names) == 0
}

// plain undoes the hexadecimal writing of a name. The library does so already
// for most; a name written so twice is hiding something anyway.
func plain(name string) string {
	if decoded, err := types.DecodeName(name); err == nil {
		return decoded
	}
	return name
}

// resolved follows a reference; one that leads nowhere is nil.
func resolved(ctx *model.Context, o types.Object) types.Object {
	found, err := ctx.Dereference(o)
	if err != nil {
		return nil
	}
	return found
}

// justAView tells whether opening only chooses a page and a zoom: a destination
// (12.3.2) or the GoTo action to one.
func justAView(ctx *model.Context, action types.Object) bool {
	switch o := action.(type) {
	case types.Array, types.Name, types.StringLiteral, types.HexLiteral, nil:
		return true
	case types.Dict:
		kind, ok := resolved(ctx, o["S"]).(types.Name)
		_, more := o["Next"]
		return ok && kind.Value() == "GoTo" && !more
	}
	return false
}

// stream inspects the dictionary and unpacks the bytes, within the budget of
// the whole document.
func (c *checker) stream(ctx *model.Context, s types.StreamDict, budget *int64) *refusal {
	if s.Dict["F"] != nil || s.Dict["FFilter"] != nil {
		return &refusal{Attachment, "a stream that lies in another file"}
	}
	if err := c.dict(ctx, s.Dict, budget); err != nil {
		return err
	}
	if s.FilterPipeline == nil {
		return nil
	}
	err := s.DecodeWithLimit(min(c.limits.Stream, *budget+1))
	if errors.Is(err, filter.ErrUnsupportedFilter) {
		return nil // pictures in formats the library does not unpack
	}
	if err != nil {
		return readRefusal(err)
	}
	if *budget -= int64(len(s.Content)); *budget < 0 {
		return &refusal{Bomb, fmt.Sprintf("streams unpack to more than %d bytes", c.limits.Unpacked)}
	}
	return nil
}
