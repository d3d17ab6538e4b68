// Package matchers are the promises' words: Gomega matchers on what the
// witnesses saw. Each stands for a rule of the judge, so that what a spec
// asserts can be replayed from its saved timeline.
package matchers
