// Package tensor holds the one array type of the engine: a dense row-major float32 matrix.
// Rows are time steps (T) and columns are features (D), so memory order is the order of the signal.
package tensor
