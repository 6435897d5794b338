package server

import "time"

// SyncInterval is how often the running server syncs to disk.
func (s *Server) SyncInterval() time.Duration { return s.srv.JetStreamConfig().SyncInterval }
