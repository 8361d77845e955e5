{{/* The API version of MutatingAdmissionPolicy: what the cluster serves, or, where no cluster is asked, what its version does. */}}
{{- define "acr.policyVersion" -}}
{{- $group := "admissionregistration.k8s.io" -}}
{{- $served := .Capabilities.APIVersions -}}
{{- $version := .Capabilities.KubeVersion.Version -}}
{{- if $served.Has (printf "%s/v1/MutatingAdmissionPolicy" $group) -}}
{{ $group }}/v1
{{- else if $served.Has (printf "%s/v1beta1/MutatingAdmissionPolicy" $group) -}}
{{ $group }}/v1beta1
{{- else if $served.Has "v1/Pod" -}}
{{- fail (printf "localPull.enabled: this cluster (%s) serves no MutatingAdmissionPolicy. Kubernetes 1.36 does; 1.34 and 1.35 do with --feature-gates=MutatingAdmissionPolicy=true --runtime-config=%s/v1beta1=true" $version $group) -}}
{{- else if semverCompare ">=1.36-0" $version -}}
{{ $group }}/v1
{{- else if semverCompare ">=1.34-0" $version -}}
{{ $group }}/v1beta1
{{- else -}}
{{- fail (printf "localPull.enabled: Kubernetes %s has no MutatingAdmissionPolicy that Pods can be changed with; 1.34 is the first" $version) -}}
{{- end -}}
{{- end -}}

{{/* Stops where the values of local pull cannot be carried out. */}}
{{- define "acr.checkLocalPull" -}}
{{- with .Values.localPull -}}
{{- if not .region -}}
{{- fail "localPull.enabled: name this cluster's region in localPull.region, such as westeurope" -}}
{{- end -}}
{{- if not (regexMatch "^[a-z0-9]+$" (include "acr.pullRegion" $)) -}}
{{- fail (printf "localPull.region is %q, and can be a region as Azure names it, such as westeurope: az account list-locations -o table" .region) -}}
{{- end -}}
{{- if not .objects -}}
{{- fail "localPull.enabled: name the RegistryReplication of each registry in localPull.objects, such as [{namespace: platform, name: contoso}]" -}}
{{- end -}}
{{- end -}}
{{- if eq .Values.rbac.scope "namespace" -}}
{{- fail "localPull.enabled needs objects outside of namespaces, which rbac.scope=namespace forbids" -}}
{{- end -}}
{{- end -}}

{{/* The region of this cluster as Azure's API spells it: "West Europe" is westeurope. */}}
{{- define "acr.pullRegion" -}}
{{- .Values.localPull.region | lower | replace " " "" -}}
{{- end -}}

{{/* A label selector as YAML; empty where it chooses by nothing. */}}
{{- define "acr.selector" -}}
{{- $given := . | default dict -}}
{{- $selector := dict -}}
{{- with $given.matchLabels -}}
{{- $_ := set $selector "matchLabels" (include "acr.texts" . | fromYaml) -}}
{{- end -}}
{{- with $given.matchExpressions -}}
{{- $_ := set $selector "matchExpressions" . -}}
{{- end -}}
{{- with $selector }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* CEL: the one entry of status.replicas that Pods of this cluster may pull from, in a list, which is empty otherwise. */}}
{{- define "acr.serving" -}}
['{{ include "acr.pullRegion" . }}'].map(region, params.?status.?replicas.orValue([]).filter(r,
  r.location == region
  && r.?provisioningState.orValue('') == 'Succeeded'
  && r.?status.orValue('') == 'Ready'
  && r.?routing.orValue('') != 'Disabled'
  && !has(r.drained)
  && r.?endpoint.orValue('')
    == params.?status.?registry.?loginServer.orValue('').replace('.', '.' + region + '.geo.', 1)))[0]
{{- end -}}
