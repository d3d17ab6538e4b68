package front

// CutStreams cuts every open watch and WebSocket between browser and dashboard.
func (f *Front) CutStreams() { f.proxy.CutStreams() }
