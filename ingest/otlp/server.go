package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"headwater/ingest"
)

// Server receives spans on two ports. Make it with Listen.
type Server struct {
	grpcListener net.Listener
	httpListener net.Listener
	grpc         *grpc.Server
	http         *http.Server
	encrypted    bool
}

// Listen opens both ports, or none: the error names the address that could not
// be had. Senders are answered once Serve runs.
func Listen(cfg Config, sink ingest.Sink, log *slog.Logger) (*Server, error) {
	cfg = cfg.withDefaults()
	grpcListener, err := net.Listen("tcp", cfg.GRPC)
	if err != nil {
		return nil, fmt.Errorf("receive OTLP over gRPC: %w", err)
	}
	httpListener, err := net.Listen("tcp", cfg.HTTP)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("receive OTLP over HTTP: %w", err), grpcListener.Close())
	}
	r := newReceiver(cfg, sink, log)
	return &Server{
		grpcListener: limit(grpcListener, GRPC, cfg),
		httpListener: limit(httpListener, HTTP, cfg),
		grpc:         newGRPCServer(r),
		http:         newHTTPServer(r),
		encrypted:    cfg.TLS != nil,
	}, nil
}

// GRPCAddr is the address of the gRPC port, with the port number that was given
// out where the configuration says 0.
func (s *Server) GRPCAddr() string { return s.grpcListener.Addr().String() }

// HTTPAddr is the address of the HTTP port, as GRPCAddr.
func (s *Server) HTTPAddr() string { return s.httpListener.Addr().String() }

// Serve answers senders until Shutdown, and then returns nil. If one of the
// ports fails, it ends the other and returns the error.
func (s *Server) Serve() error {
	var g errgroup.Group
	g.Go(func() error {
		err := s.grpc.Serve(s.grpcListener)
		if err == nil || errors.Is(err, grpc.ErrServerStopped) {
			return nil
		}
		return errors.Join(fmt.Errorf("receive OTLP over gRPC: %w", err), s.http.Close())
	})
	g.Go(func() error {
		var err error
		if s.encrypted {
			err = s.http.ServeTLS(s.httpListener, "", "")
		} else {
			err = s.http.Serve(s.httpListener)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		s.grpc.Stop()
		return fmt.Errorf("receive OTLP over HTTP: %w", err)
	})
	return g.Wait()
}

// Shutdown stops accepting requests, waits for those already accepted to be
// written and answered, and closes both ports. When ctx ends first, the rest is
// cut off and ctx's error returned.
func (s *Server) Shutdown(ctx context.Context) error {
	var g errgroup.Group
	g.Go(func() error {
		if err := s.http.Shutdown(ctx); err != nil {
			return errors.Join(err, s.http.Close())
		}
		return nil
	})
	g.Go(func() error {
		stopped := make(chan struct{})
		go func() {
			s.grpc.GracefulStop()
			close(stopped)
		}()
		select {
		case <-stopped:
			return nil
		case <-ctx.Done():
			s.grpc.Stop()
			<-stopped
			return ctx.Err()
		}
	})
	err := g.Wait()
	// The servers close the listeners that they served. When Serve never ran,
	// they are still open; closing twice is harmless.
	_ = s.grpcListener.Close()
	_ = s.httpListener.Close()
	return err
}
