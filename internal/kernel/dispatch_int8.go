package kernel

func tileRowsInt8() int { return maxTileRows }

// opsPerNsInt8 is about how fast this build multiplies.
func opsPerNsInt8() int { return 2 }

func quantizeRow(q []int8, x []float32) float32 { return quantizeRowGeneric(q, x) }

func (t *tileInt8) run() { t.runGeneric() }
