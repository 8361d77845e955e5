{{/* The variables that the values set. */}}
{{- define "acr.ownEnv" -}}
# The subscription of registries whose object names none.
- name: AZURE_SUBSCRIPTION_ID
  value: {{ .Values.azure.subscriptionId | quote }}
{{- with .Values.azure.environment }}
- name: AZURE_ENVIRONMENT
  value: {{ . | quote }}
{{- end }}
{{- if not .Values.azure.resourceGraph }}
- name: AZURE_RESOURCE_GRAPH
  value: "false"
{{- end }}
{{- with .Values.azure.credential }}
- name: AZURE_CREDENTIAL
  value: {{ . | quote }}
{{- end }}
{{- if ne (include "acr.credential" .) "workload-identity" }}
{{- with .Values.azure.clientId }}
- name: AZURE_CLIENT_ID
  value: {{ . | quote }}
{{- end }}
{{- with .Values.azure.tenantId }}
- name: AZURE_TENANT_ID
  value: {{ . | quote }}
{{- end }}
{{- end }}
# Part of the owner tag on replicas: unique among the clusters that share a subscription.
- name: CLUSTER_NAME
  value: {{ .Values.clusterName | quote }}
{{- with .Values.watch.namespaces }}
- name: WATCH_NAMESPACES
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.watch.selector }}
- name: WATCH_SELECTOR
  value: {{ . | quote }}
{{- end }}
# The one that role.yaml is about.
- name: LEASE_NAME
  value: {{ include "acr.fullname" . | quote }}
- name: LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- if .Values.metrics.requireToken }}
- name: METRICS_REQUIRE_TOKEN
  value: "true"
{{- end }}
{{- if .Values.metrics.tlsSecretName }}
- name: METRICS_TLS_DIR
  value: /etc/acr-replication-operator/metrics-tls
{{- end }}
{{- if .Values.map.enabled }}
- name: MAP_ADDRESS
  value: ":8082"
{{- if .Values.map.requireToken }}
- name: MAP_REQUIRE_TOKEN
  value: "true"
{{- end }}
{{- if .Values.map.tlsSecretName }}
- name: MAP_TLS_DIR
  value: /etc/acr-replication-operator/map-tls
{{- end }}
{{- end }}
{{- if or .Values.extraCA.configMapName .Values.extraCA.secretName }}
- name: NODE_EXTRA_CA_CERTS
  value: {{ printf "/etc/acr-replication-operator/ca/%s" .Values.extraCA.key | quote }}
{{- end }}
{{- with .Values.proxy.https }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.no }}
- name: NO_PROXY
  value: {{ . | quote }}
{{- end }}
# A small nursery saves memory; with a smaller one more is taken for lasting, which costs more to collect.
- name: NODE_OPTIONS
  value: --max-semi-space-size=8
# As for the C library, which otherwise keeps memory apart for each of Node's threads, and gives little of it back: each
# read from a connection takes 64 kB for a while.
- name: MALLOC_ARENA_MAX
  value: "2"
- name: MALLOC_MMAP_THRESHOLD_
  value: "32768"
{{- end -}}

{{/* All variables of the container: a name of extraEnv takes the place of the own one, for Kubernetes refuses two. */}}
{{- define "acr.env" -}}
{{- $names := dict -}}
{{- range .Values.extraEnv }}{{ $_ := set $names .name true }}{{ end -}}
{{- $own := include "acr.ownEnv" . -}}
{{- $kept := list -}}
{{- range fromYamlArray $own }}{{ if not (hasKey $names .name) }}{{ $kept = append $kept . }}{{ end }}{{ end -}}
{{- if eq (len $kept) (len (fromYamlArray $own)) -}}
{{- $own -}}
{{- else -}}
{{- toYaml $kept -}}
{{- end -}}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end -}}
{{- end -}}
