package rawclient

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// usernameField is what Keycloak calls the field of the user's name.
const usernameField = "username"

// loginForm is a form that asks for a user's name and password.
type loginForm struct {
	action   *url.URL
	fields   url.Values // what the form sends along by itself
	password string     // name of the field
}

// errNoLoginForm means that a document asks for no password.
var errNoLoginForm = errors.New("it has no form with the fields of a login")

// parseLoginForm finds the login form in a document that came from page.
func parseLoginForm(page *url.URL, document []byte) (*loginForm, error) {
	root, err := html.Parse(bytes.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("it is no HTML document: %w", err)
	}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode || node.DataAtom != atom.Form {
			continue
		}
		found, err := readForm(page, node)
		if found != nil || err != nil {
			return found, err
		}
	}
	return nil, errNoLoginForm
}

// readForm returns nil for a form that is no login's.
func readForm(page *url.URL, node *html.Node) (*loginForm, error) {
	form := &loginForm{fields: url.Values{}}
	asksForName := false
	for input := range node.Descendants() {
		if input.Type != html.ElementNode || input.DataAtom != atom.Input {
			continue
		}
		name := attribute(input, "name")
		switch kind := strings.ToLower(attribute(input, "type")); {
		case name == "":
		case kind == "password":
			form.password = name
		case name == usernameField:
			asksForName = true
		case kind == "hidden":
			form.fields.Add(name, attribute(input, "value"))
		}
	}
	if !asksForName || form.password == "" {
		return nil, nil
	}
	if method := attribute(node, "method"); !strings.EqualFold(method, "post") {
		return nil, fmt.Errorf("its login form is sent by %q, which would put the password into an address", method)
	}
	action, err := page.Parse(strings.TrimSpace(attribute(node, "action")))
	if err != nil {
		return nil, errors.New("its login form is sent to what is no address")
	}
	form.action = action
	return form, nil
}

// filled is what the form sends when a person has filled it in.
func (f *loginForm) filled(username, password string) url.Values {
	filled := url.Values{}
	for name, values := range f.fields {
		filled[name] = values
	}
	filled.Set(usernameField, username)
	filled.Set(f.password, password)
	return filled
}

func attribute(node *html.Node, name string) string {
	for _, attribute := range node.Attr {
		if attribute.Namespace == "" && attribute.Key == name {
			return attribute.Val
		}
	}
	return ""
}
