// Package cost measures what a run takes of the machine, and where it goes: it
// looks at the processes below this one, again and again, while they run.
//
// It takes part in no verdict, and knows no dashboard and no scenario.
package cost
