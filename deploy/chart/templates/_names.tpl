{{/* The release acr-replication-operator has these very names; any other, a shard for example, has names of its own. */}}
{{- define "acr.fullname" -}}
{{- $name := .Release.Name -}}
{{- if .Values.fullnameOverride -}}
{{- $name = .Values.fullnameOverride -}}
{{- else if not (contains .Chart.Name .Release.Name) -}}
{{- $name = printf "%s-%s" .Release.Name .Chart.Name -}}
{{- end -}}
{{- $name | trunc 50 | trimAll "-." -}}
{{- end -}}

{{/* Of a list of the root and a suffix: a Service's name has no dot and begins with a letter, which other names need not. */}}
{{- define "acr.serviceNamed" -}}
{{- $name := include "acr.fullname" (index . 0) | replace "." "-" -}}
{{- if not (regexMatch "^[a-z]" $name) -}}
{{- $name = printf "acr-%s" $name -}}
{{- end -}}
{{- printf "%s-%s" $name (index . 1) -}}
{{- end -}}

{{- define "acr.service" -}}
{{- include "acr.serviceNamed" (list . "metrics") -}}
{{- end -}}

{{- define "acr.mapService" -}}
{{- include "acr.serviceNamed" (list . "map") -}}
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

{{/* A map of texts as YAML: --set makes numbers and booleans of what looks like them. */}}
{{- define "acr.texts" -}}
{{- $texts := dict -}}
{{- range $key, $value := . -}}
{{- $_ := set $texts $key (kindIs "string" $value | ternary $value (toJson $value)) -}}
{{- end -}}
{{- toYaml $texts -}}
{{- end -}}

{{/* Of a list of the root and the labels of one object, which win: all labels of that object. */}}
{{- define "acr.labelsAnd" -}}
{{- $root := index . 0 -}}
{{- $own := dict "app.kubernetes.io/name" $root.Chart.Name "app.kubernetes.io/instance" $root.Release.Name "app.kubernetes.io/version" $root.Chart.AppVersion -}}
{{- include "acr.texts" (merge dict (index . 1) $root.Values.commonLabels $own) -}}
{{- end -}}

{{- define "acr.labels" -}}
{{- include "acr.labelsAnd" (list . dict) -}}
{{- end -}}

{{- define "acr.subjects" -}}
- kind: ServiceAccount
  name: {{ include "acr.serviceAccount" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
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

{{/* Stops where values contradict each other, which the schema cannot say. */}}
{{- define "acr.check" -}}
{{- $own := list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/version" -}}
{{- range $value := list "commonLabels" "podLabels" -}}
{{- range $label := $own -}}
{{- if hasKey (index $.Values $value) $label -}}
{{- fail (printf "%s: %s is the chart's own; give yours another name" $value $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $names := dict -}}
{{- range .Values.extraEnv -}}
{{- if hasKey $names .name -}}
{{- fail (printf "extraEnv: %s is there twice" .name) -}}
{{- end -}}
{{- $_ := set $names .name true -}}
{{- end -}}
{{- if and .Values.extraCA.configMapName .Values.extraCA.secretName -}}
{{- fail "extraCA: name either configMapName or secretName, not both" -}}
{{- end -}}
{{- if eq .Values.rbac.scope "namespace" -}}
{{- if not .Values.watch.namespaces -}}
{{- fail "rbac.scope is namespace: name the namespaces in watch.namespaces" -}}
{{- end -}}
{{- if .Values.metrics.requireToken -}}
{{- fail "metrics.requireToken needs rights in the whole cluster, which rbac.scope forbids" -}}
{{- end -}}
{{- if .Values.map.requireToken -}}
{{- fail "map.requireToken needs rights in the whole cluster, which rbac.scope forbids" -}}
{{- end -}}
{{- end -}}
{{- $way := "" -}}
{{- range list "ingress" "httpRoute" -}}
{{- if (index $.Values.map .).enabled -}}{{- $way = . -}}{{- end -}}
{{- end -}}
{{- if and $way (not .Values.map.enabled) -}}
{{- fail (printf "map.%s.enabled leads nowhere: set map.enabled" $way) -}}
{{- end -}}
{{- if and .Values.map.ingress.enabled (not .Values.map.ingress.host) -}}
{{- fail "map.ingress.enabled: name the host in map.ingress.host" -}}
{{- end -}}
{{- if and .Values.map.httpRoute.enabled (not .Values.map.httpRoute.parentRefs) -}}
{{- fail "map.httpRoute.enabled: name the gateway in map.httpRoute.parentRefs" -}}
{{- end -}}
{{- end -}}

{{/* How a monitor of Prometheus Operator authorizes itself: as its own value says, else by the token that the chart has made. */}}
{{- define "acr.authorization" -}}
{{- $root := index . 0 -}}
{{- if index . 1 -}}
{{- toYaml (index . 1) -}}
{{- else if $root.Values.metrics.requireToken -}}
credentials:
  name: {{ include "acr.fullname" $root }}-metrics-scraper
  key: token
{{- end -}}
{{- end -}}
