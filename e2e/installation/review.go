package installation

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// reviewPath is where the API server says as whom it knows the one who asks.
const reviewPath = "/apis/authentication.k8s.io/v1/selfsubjectreviews"

// askReview asks the API server, through the dashboard, as whom it knows the client:
// what no stranger is told.
func askReview(ctx context.Context, client *rawclient.Client) (rawclient.Answer, error) {
	return client.Do(ctx, http.MethodPost, reviewPath, map[string]string{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
}

// readReview reads the answer, a SelfSubjectReview.
func readReview(body []byte) (timeline.Identified, error) {
	var review struct {
		Status struct {
			UserInfo struct {
				Username string   `json:"username"`
				UID      string   `json:"uid"`
				Groups   []string `json:"groups"`
			} `json:"userInfo"`
		} `json:"status"`
	}
	if err := json.Unmarshal(body, &review); err != nil {
		return timeline.Identified{}, err
	}
	info := review.Status.UserInfo
	return timeline.Identified{User: info.Username, Groups: info.Groups, UID: info.UID}, nil
}
