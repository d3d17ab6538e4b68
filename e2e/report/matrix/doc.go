// Package matrix draws one table of several reports: a column for each, a row
// for each scenario, in the terminal, as Markdown and as a page.
//
// It decides nothing: what a cell says, a report has said.
package matrix
