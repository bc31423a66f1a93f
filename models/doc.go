// Package models finds published speech recognition models and keeps them on this machine: a catalogue of names, the download, and
// the cache, which is the one of Python's huggingface_hub, so that what either has loaded the other finds.
//
//	m, err := models.Find("whisper-base.en")
//	hub, err := models.FromEnv()
//	dir, err := hub.Path(m)             // no network; models.ErrAbsent if it is not here
//	plan, err := hub.Plan(ctx, m)       // asks the server: which files, how many bytes
//	dir, err = hub.Pull(ctx, plan)      // loads them; goes on where an earlier call was cut off
//
// Environment: HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME (where models are kept), HF_ENDPOINT (a mirror), HF_TOKEN, HF_HUB_OFFLINE.
//
// Reading order: catalogue.go (names) with about.go (what a model is), cache.go (the layout on disk) with list.go, hub.go (path, plan, pull), select.go (which files
// of a repository), remote.go (requests and what their errors mean), fetch.go (one file), retry.go, check.go (hashes), lock_*.go,
// space_*.go.
package models
