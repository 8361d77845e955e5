// How GitOps tools roll a manifest out, by their own libraries.
//
//	rollout flux <kubeconfig> <manifest.json>                what kustomize-controller reports: created, configured, unchanged
//	rollout argocd <kubeconfig> <manifest.json> [option…]    the result of a sync with these sync options
//	rollout diff <kubeconfig> <manifest.json> [option…]      whether Argo CD calls the application Synced or OutOfSync
//
// The answer is a line of stdout. Why a tool fails is on stderr, with exit code 1.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	answer, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer)
}

func run(args []string) (string, error) {
	if len(args) < 3 {
		return "", errors.New("usage: rollout flux|argocd|diff <kubeconfig> <manifest.json> [option…]")
	}
	text, err := os.ReadFile(args[2])
	if err != nil {
		return "", err
	}
	manifest := &unstructured.Unstructured{}
	if err := manifest.UnmarshalJSON(text); err != nil {
		return "", err
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[1])
	if err != nil {
		return "", err
	}
	config.QPS = -1
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	options := options(args[3:])
	switch args[0] {
	case "flux":
		return flux(ctx, config, manifest)
	case "argocd":
		return argocd(ctx, config, manifest, options)
	case "diff":
		return argocdDiff(ctx, config, manifest, options)
	}
	return "", fmt.Errorf("no tool %s", args[0])
}

// Sync options and compare options of Argo CD, such as ServerSideApply=true.
type options []string

func (o options) has(option string) bool { return slices.Contains(o, option) }

// rest.Config of a tool that says who it is, where it does not say it by fieldManager.
func as(config *rest.Config, name string) *rest.Config {
	copied := rest.CopyConfig(config)
	copied.UserAgent = name
	return copied
}
