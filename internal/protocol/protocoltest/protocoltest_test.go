package protocoltest

import (
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"peyk/internal/protocol"
)

func TestContractIsValidOpenAPI(t *testing.T) {
	t.Parallel()
	doc, err := libopenapi.NewDocument(protocol.Spec())
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if errs != nil {
		t.Fatal(errs)
	}
	if ok, broken := v.ValidateDocument(); !ok {
		t.Fatal(explain(broken))
	}
}
