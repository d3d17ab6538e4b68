package report

import "strings"

// markdownSigns are what would be more than text in Markdown, with HTML in it.
var markdownSigns = strings.NewReplacer(
	"\\", "\\\\", "|", "\\|", "<", "&lt;", ">", "&gt;", "&", "&amp;", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]",
	// Nobody is called, and no other issue is linked, because a page under test
	// says so.
	"@", "&#64;", "~", "\\~",
)

// Markdown is a text that is nothing but text in Markdown, in one line, in a
// table's cell too.
func Markdown(text string) string {
	return markdownSigns.Replace(Printable(strings.Join(strings.Fields(text), " ")))
}
