package impersonator

import (
	"context"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// careless is an authenticator that takes some of the tokens which the proper one
// refuses: a planted fault. Without admits it is the proper one.
type careless struct {
	proper authenticator.Token
	issuer cluster.Issuer
	admits func(bearer string) bool
}

func (c careless) AuthenticateToken(ctx context.Context, token string) (*authenticator.Response, bool, error) {
	response, accepted, err := c.proper.AuthenticateToken(ctx, token)
	if accepted || c.admits == nil || !c.admits(token) {
		return response, accepted, err
	}
	said := redact.ParseToken(token)
	who := &user.DefaultInfo{Name: c.issuer.UsernamePrefix + said.Username}
	for _, group := range said.Groups {
		who.Groups = append(who.Groups, c.issuer.GroupsPrefix+group)
	}
	return &authenticator.Response{User: who}, true, nil
}
