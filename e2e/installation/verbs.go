package installation

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// verbsScript makes a ConfigMap, reads, changes, lists, watches and removes it.
//
//go:embed verbs.js
var verbsScript string

// UseEveryVerb has the page make, read, change, list, watch and remove an object
// of its own, through the dashboard and with the page's own credentials. The
// user needs the right to do so in every namespace.
func (s *Session) UseEveryVerb(ctx context.Context) error {
	in := s.in
	namespace := newName("verbs")
	if err := in.stand.Cluster.CreateNamespace(ctx, namespace); err != nil {
		return environment("make a namespace for the page's object", err)
	}
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.DeleteNamespace(ctx, namespace) })
	path, err := json.Marshal("/clusters/" + clusterName + "/api/v1/namespaces/" + namespace + "/configmaps")
	if err != nil {
		return err
	}
	const what = "have the page use every verb"
	problems, err := browser.Evaluate[[]string](ctx, s.page.Tab, what, fmt.Sprintf("(%s)(%s)", strings.TrimSpace(verbsScript), path))
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("%s: %s", what, strings.Join(problems, "; "))
	}
	return in.undone(ctx, judge.NotServed, err)
}
