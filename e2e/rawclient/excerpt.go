package rawclient

import (
	"bytes"
	"mime"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// excerptLength is how much of an answer an error quotes, in bytes.
const excerptLength = 300

// excerpt is the beginning of what a person would read in an answer, without
// secrets and on one line.
func excerpt(contentType string, body []byte) string {
	text := string(body)
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "text/html" {
		text = readable(body)
	}
	// Redacted before it is cut: half a token is none that can be found.
	text = strings.Join(strings.Fields(redact.Text(text)), " ")
	if len(text) > excerptLength {
		text = text[:excerptLength] + "…"
	}
	return strings.ToValidUTF8(text, "")
}

// readable is the text of an HTML document that is not for machines.
func readable(document []byte) string {
	root, err := html.Parse(bytes.NewReader(document))
	if err != nil {
		return ""
	}
	var text strings.Builder
	for node := range root.Descendants() {
		if node.Type != html.TextNode {
			continue
		}
		switch node.Parent.DataAtom {
		case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Title:
		default:
			text.WriteString(node.Data + " ")
		}
	}
	return text.String()
}
