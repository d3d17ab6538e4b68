package timeline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// kindsFound parses this package: every constant of the type Kind, with the
// comment in its line, which says of what the event consists.
func kindsFound(t *testing.T) map[timeline.Kind]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[timeline.Kind]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			constants, ok := declared.(*ast.GenDecl)
			if !ok || constants.Tok != token.CONST {
				continue
			}
			ofKinds := slices.ContainsFunc(constants.Specs, isOfKind)
			for _, spec := range constants.Specs {
				constant := spec.(*ast.ValueSpec)
				if ofKinds && !isOfKind(spec) {
					t.Errorf("%s is among the kinds, and has another type", constant.Names[0].Name)
				}
				if !ofKinds {
					continue
				}
				value, err := strconv.Unquote(constant.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				if constant.Comment == nil {
					t.Errorf("%s: say in its line which parts an event of the kind %s has, or leave an empty //", constant.Names[0].Name, value)
				}
				if _, twice := found[timeline.Kind(value)]; twice {
					t.Errorf("two kinds are called %s", value)
				}
				found[timeline.Kind(value)] = constant.Comment.Text()
			}
		}
	}
	return found
}

func isOfKind(spec ast.Spec) bool {
	kind, named := spec.(*ast.ValueSpec).Type.(*ast.Ident)
	return named && kind.Name == "Kind"
}

// parts are the fields of an event that it can lack, and what Lacks calls them.
var parts = map[string]string{
	"Request": "request", "Token": "token", "Cookie": "cookie", "Identity": "identity", "Record": "record", "Identified": "identified user",
}

func TestEveryPointerOfAnEventIsAPartThatItCanLack(t *testing.T) {
	t.Parallel()
	event, pointers := reflect.TypeFor[timeline.Event](), 0
	for i := range event.NumField() {
		field := event.Field(i)
		if field.Type.Kind() != reflect.Pointer {
			continue
		}
		pointers++
		if parts[field.Name] == "" {
			t.Errorf("Event.%s can be nil, and no kind is said to need it: put it into this test's parts, and its kinds into Lacks", field.Name)
		}
	}
	if pointers != len(parts) {
		t.Errorf("an event has %d pointers, and the test knows %d parts", pointers, len(parts))
	}
}

// A rule takes the part that a kind's line names for given. A kind that Lacks
// forgets would let a damaged timeline through to it.
func TestEveryKindLacksThePartThatItsLineNames(t *testing.T) {
	t.Parallel()
	kinds := kindsFound(t)
	if len(kinds) < 40 {
		t.Fatalf("found are %d kinds", len(kinds))
	}
	named := regexp.MustCompile(`\b(Request|Token|Cookie|Identity|Record|Identified)\b`)
	for kind, line := range kinds {
		needed := named.FindAllString(line, -1)
		empty := timeline.Event{Kind: kind}
		switch len(needed) {
		case 0:
			if lacks := empty.Lacks(); lacks != "" {
				t.Errorf("%s lacks its %s, and its line does not name that: %s", kind, lacks, line)
			}
		case 1:
			if lacks := empty.Lacks(); lacks != parts[needed[0]] {
				t.Errorf("%s has a %s, says its line; without one it lacks %q: sort it into Lacks", kind, needed[0], lacks)
			}
			whole := empty
			part := reflect.ValueOf(&whole).Elem().FieldByName(needed[0])
			part.Set(reflect.New(part.Type().Elem()))
			if lacks := whole.Lacks(); lacks != "" {
				t.Errorf("%s has its %s, and lacks its %s", kind, needed[0], lacks)
			}
		default:
			t.Errorf("%s needs %v, and Lacks can name one part", kind, needed)
		}
	}
}
