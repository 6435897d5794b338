package gate

import (
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// countPages counts the leaves of the page tree (ISO 32000-2, 7.7.3) and holds
// the document to the number it claims.
func countPages(ctx *model.Context, limit int) (int, *refusal) {
	root, err := ctx.Pages()
	if err != nil {
		return 0, &refusal{Malformed, fmt.Sprintf("page tree: %v", err)}
	}
	if root == nil {
		return 0, &refusal{Malformed, "no page tree"}
	}
	n, refused := leaves(ctx, *root, limit)
	if refused != nil {
		return 0, refused
	}
	tree, err := ctx.DereferenceDict(*root)
	if err != nil {
		return 0, &refusal{Malformed, fmt.Sprintf("page tree: %v", err)}
	}
	if claimed := tree.IntEntry("Count"); claimed == nil || *claimed != n || n == 0 {
		return 0, &refusal{Malformed, fmt.Sprintf("%d pages, claims %v", n, tree["Count"])}
	}
	return n, nil
}

// leaves walks the tree without recursion; a node met twice is no tree.
func leaves(ctx *model.Context, root types.IndirectRef, limit int) (int, *refusal) {
	n, seen := 0, make(map[int]bool)
	for todo := []types.IndirectRef{root}; len(todo) > 0; {
		ref := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if number := ref.ObjectNumber.Value(); seen[number] {
			return 0, &refusal{Malformed, fmt.Sprintf("page tree: object %d comes twice", number)}
		}
		seen[ref.ObjectNumber.Value()] = true
		node, err := ctx.DereferenceDict(ref)
		if err != nil || node == nil {
			return 0, &refusal{Malformed, fmt.Sprintf("page tree: object %d: %v", ref.ObjectNumber, err)}
		}
		if _, inner := node.Find("Kids"); !inner {
			if n++; n > limit {
				return 0, &refusal{TooMuch, fmt.Sprintf("more than %d pages", limit)}
			}
			continue
		}
		kids, err := ctx.DereferenceArray(node["Kids"])
		if err != nil {
			return 0, &refusal{Malformed, fmt.Sprintf("page tree: %v", err)}
		}
		for _, kid := range kids {
			ref, ok := kid.(types.IndirectRef)
			if !ok {
				return 0, &refusal{Malformed, "page tree: a kid that is no reference"}
			}
			todo = append(todo, ref)
		}
	}
	return n, nil
}
