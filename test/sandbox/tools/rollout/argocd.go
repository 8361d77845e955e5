package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/diff"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// argoproj/argo-cd common/common.go: ArgoCDSSAManager.
const argocdManager = "argocd-controller"

func kubectl() *kube.KubectlCmd {
	return &kube.KubectlCmd{Log: logr.Discard(), Tracer: tracing.NopTracer{}}
}

// What is there of the manifest; nil when nothing is.
func liveOf(ctx context.Context, config *rest.Config, manifest *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	live, err := kubectl().GetResource(ctx, config, manifest.GroupVersionKind(), manifest.GetName(), manifest.GetNamespace())
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

// Argo CD's mark on what it applies: argoproj/argo-cd util/argo/resource_tracking.go, by annotation.
func tracked(manifest *unstructured.Unstructured) *unstructured.Unstructured {
	marked := manifest.DeepCopy()
	annotations := marked.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	id := fmt.Sprintf("registries:%s/%s:%s/%s", marked.GroupVersionKind().Group, marked.GetKind(), marked.GetNamespace(), marked.GetName())
	annotations["argocd.argoproj.io/tracking-id"] = id
	marked.SetAnnotations(annotations)
	return marked
}

// As SyncAppState in argoproj/argo-cd controller/sync.go does it.
func argocd(ctx context.Context, config *rest.Config, manifest *unstructured.Unstructured, options options) (string, error) {
	live, err := liveOf(ctx, config, manifest)
	if err != nil {
		return "", err
	}
	target := sync.ReconciliationResult{
		Live:   []*unstructured.Unstructured{live},
		Target: []*unstructured.Unstructured{tracked(manifest)},
	}
	syncing, cleanup, err := sync.NewSyncContext("main", target, config, config, kubectl(), manifest.GetNamespace(),
		sync.WithLogr(logr.Discard()),
		sync.WithOperationSettings(false, false, false, false),
		sync.WithReplace(options.has("Replace=true")),
		sync.WithServerSideApply(options.has("ServerSideApply=true")),
		sync.WithServerSideApplyManager(argocdManager),
		sync.WithClientSideApplyMigration(!options.has("ClientSideApplyMigration=false"), common.DefaultClientSideApplyMigrationManager),
	)
	if err != nil {
		return "", err
	}
	defer cleanup()
	for {
		// Each step applies something; health, for which it would wait, is not asked for.
		syncing.Sync()
		phase, message, results := syncing.GetState()
		if len(results) > 0 && results[0].Status != "" {
			if results[0].Status != common.ResultCodeSynced {
				return "", errors.New(results[0].Message)
			}
			return results[0].Message, nil
		}
		if phase.Completed() {
			return "", errors.New(message)
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
	}
}

// What Argo CD leaves out of every comparison, unless resource.compareoptions says otherwise: argoproj/argo-cd
// util/settings/settings.go, GetDefaultDiffOptions (ignoreResourceStatusField: all).
type withoutStatus struct{}

func (withoutStatus) Normalize(object *unstructured.Unstructured) error {
	unstructured.RemoveNestedField(object.Object, "status")
	return nil
}

// As CompareAppState in argoproj/argo-cd controller/state.go does it.
func argocdDiff(ctx context.Context, config *rest.Config, manifest *unstructured.Unstructured, options options) (string, error) {
	live, err := liveOf(ctx, config, manifest)
	if err != nil {
		return "", err
	}
	_, parser, err := kubectl().LoadOpenAPISchema(config)
	if err != nil {
		return "", err
	}
	dryRuns, cleanup, err := kubectl().ManageServerSideDiffDryRuns(config)
	if err != nil {
		return "", err
	}
	defer cleanup()
	result, err := diff.Diff(tracked(manifest), live,
		diff.WithLogr(logr.Discard()),
		diff.WithNormalizer(withoutStatus{}),
		diff.WithManager(argocdManager),
		diff.WithGVKParser(parser),
		diff.WithStructuredMergeDiff(options.has("ServerSideApply=true")),
		diff.WithServerSideDiff(options.has("ServerSideDiff=true")),
		diff.WithServerSideDryRunner(diff.NewK8sServerSideDryRunner(dryRuns)),
	)
	if err != nil {
		return "", err
	}
	if result.Modified {
		return "OutOfSync", nil
	}
	return "Synced", nil
}
