// One binary that is kube-apiserver or etcd, by the name it is called under.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	if os.Getenv("CONTROLPLANE_EXIT_WITH_STDIN") == "1" {
		go exitWithStdin()
	}
	switch name := filepath.Base(os.Args[0]); name {
	case "kube-apiserver":
		os.Exit(cli.Run(app.NewAPIServerCommand()))
	case "etcd":
		etcdmain.Main(os.Args)
	default:
		fmt.Fprintf(os.Stderr, "%s: call this program as kube-apiserver or etcd (through a link)\n", name)
		os.Exit(2)
	}
}

// exitWithStdin ends the process when whoever holds the other end of stdin is gone, even by SIGKILL.
func exitWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
