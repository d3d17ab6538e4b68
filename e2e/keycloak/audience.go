package keycloak

import "slices"

// WithOwnAudience has Keycloak issue a client's access tokens for that client
// itself, which is what an API server that is sent them asks for. Without it they
// are issued for the clients whose roles the user has.
func WithOwnAudience(client map[string]any) {
	mappers, _ := client["protocolMappers"].([]any)
	client["protocolMappers"] = append(slices.Clip(mappers), map[string]any{
		"name": "own audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
		"config": map[string]any{
			"included.client.audience": ClientID, "access.token.claim": "true", "id.token.claim": "false",
		},
	})
}
