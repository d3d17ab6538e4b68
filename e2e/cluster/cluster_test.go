package cluster

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func TestTheAuthorizerIsAskedForWhatTheAuditLogNames(t *testing.T) {
	t.Parallel()
	groups := []string{"developers", "system:authenticated"}
	for name, test := range map[string]struct {
		asked   Attributes
		want    authorizationv1.SubjectAccessReviewSpec
		allowed bool
	}{
		"a resource": {
			asked: Attributes{Verb: "create", Group: "apps", Resource: "deployments", Subresource: "scale", Namespace: "n", Name: "d"},
			want: authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: "create", Group: "apps", Resource: "deployments", Subresource: "scale", Namespace: "n", Name: "d",
			}},
			allowed: true,
		},
		"a path": {
			asked: Attributes{Verb: "get", Path: "/version"},
			want:  authorizationv1.SubjectAccessReviewSpec{NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: "get", Path: "/version"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked authorizationv1.SubjectAccessReview
			connected := answering(t, func(w http.ResponseWriter, r *http.Request) {
				if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
					t.Errorf("%s %s: %v", r.Method, r.URL, err)
				}
				asked.Status.Allowed = test.allowed
				w.Header().Set("Content-Type", "application/json")
				if err := json.NewEncoder(w).Encode(asked); err != nil {
					t.Error(err)
				}
			})
			allowed, err := connected.Allowed(t.Context(), "alice", groups, test.asked)
			if err != nil || allowed != test.allowed {
				t.Errorf("allowed: %t, %v", allowed, err)
			}
			test.want.User, test.want.Groups = "alice", groups
			if !reflect.DeepEqual(asked.Spec, test.want) {
				t.Errorf("asked for %+v, want %+v", asked.Spec, test.want)
			}
		})
	}
}

func TestAnAuthorizerThatDoesNotAnswerHasNotRefused(t *testing.T) {
	t.Parallel()
	connected := answering(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	_, err := connected.Allowed(t.Context(), "alice", nil, Attributes{Verb: "list", Resource: "pods"})
	if err == nil || !strings.Contains(err.Error(), "alice") {
		t.Errorf("got %v", err)
	}
}

func answering(t *testing.T, handler http.HandlerFunc) *Cluster {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	// What is sent is read here as JSON, not as protobuf.
	config := &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return &Cluster{config: config, clientset: clientset}
}
