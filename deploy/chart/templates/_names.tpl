{{/* The release acr-replication-operator has these very names; any other, a shard for example, has names of its own. */}}
{{- define "acr.fullname" -}}
{{- $name := .Release.Name -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if not (contains .Chart.Name .Release.Name) -}}
{{- $name = printf "%s-%s" .Release.Name .Chart.Name -}}
{{- end -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "acr.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "acr.fullname" .) -}}
{{- end -}}

{{/* What a Deployment selects by cannot change, so it is the same as ever. Two releases in one namespace differ in it. */}}
{{- define "acr.selectorLabels" -}}
{{- $name := include "acr.fullname" . -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/component: {{ eq $name .Chart.Name | ternary "controller" (printf "controller-%s" $name) }}
{{- end -}}

{{- define "acr.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "acr.subjects" -}}
- kind: ServiceAccount
  name: {{ include "acr.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "acr.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "acr.credential" -}}
{{- $default := empty .Values.azure.credentialsSecretName | ternary "workload-identity" "client-secret" -}}
{{- .Values.azure.credential | default $default -}}
{{- end -}}
