package conformance

import (
	"slices"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// Proof says on which planted fault a scenario has been seen to fail, and for
// which reason.
type Proof struct {
	Fault string `json:"fault"`
	// Symptoms are those that show the reason: each of them must be found.
	Symptoms []judge.Symptom `json:"symptoms"`
}

// Proofs are the grounds for believing a scenario. They can only be made by
// FailsOn, so a scenario without a fault does not compile.
type Proofs struct{ list []Proof }

// FailsOn names the first fault that a scenario fails on.
func FailsOn(fault faults.Fault, symptom judge.Symptom, more ...judge.Symptom) Proofs {
	return Proofs{}.And(fault, symptom, more...)
}

// And names another one.
func (p Proofs) And(fault faults.Fault, symptom judge.Symptom, more ...judge.Symptom) Proofs {
	proof := Proof{Fault: fault.Name, Symptoms: append([]judge.Symptom{symptom}, more...)}
	return Proofs{list: append(slices.Clip(p.list), proof)}
}
