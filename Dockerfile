# Builds the operator and the kubectl plugin, a file each; of the repository only they and the licences reach the image. With
# --target emulator it is an image of the emulated Azure alone: docs/emulator.md. Bases are fixed by digest, for all platforms
# at once; Dependabot offers newer ones.
# The bundle is the same for every platform, so it is made once, on the builder's own.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim@sha256:173f125896c3b47ddf056734c7ea789d04595a6a08769a8f78e0df642781fb66 AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY build.ts start.mjs ./
COPY deploy/release deploy/release
COPY src src
COPY test/sandbox/emulator test/sandbox/emulator
COPY test/sandbox/certificates.ts test/sandbox/leftovers.ts test/sandbox/lock-folder.ts test/sandbox/
RUN npm run build

# The emulated Azure. It is reached at https://localhost:8443 where that port is published; elsewhere ACR_EMULATOR_URL says where.
FROM gcr.io/distroless/nodejs24-debian13:nonroot@sha256:9eeb7f5887d0e239e78264b06f7f11d2e14be534050481803a9e4728fcdd278e AS emulator
LABEL org.opencontainers.image.title="acr-emulator" \
      org.opencontainers.image.description="An emulated Azure for Azure Container Registry geo-replications" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.source="https://github.com/acr-replication-operator/acr-replication-operator" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /build/dist/acr-emulator.mjs /app/
COPY --from=build /build/dist/THIRD-PARTY-NOTICES.txt /app/
COPY LICENSE /app/
ENV ACR_EMULATOR_LISTEN=0.0.0.0 \
    ACR_EMULATOR_PORT=8443 \
    ACR_EMULATOR_IDENTITY_PORT=8080 \
    ACR_EMULATOR_URL=https://localhost:8443
USER 65532:65532
EXPOSE 8080 8443
ENTRYPOINT ["/nodejs/bin/node", "/app/acr-emulator.mjs"]

# The operator: Node and nothing else, no shell, no package manager.
FROM gcr.io/distroless/nodejs24-debian13:nonroot@sha256:9eeb7f5887d0e239e78264b06f7f11d2e14be534050481803a9e4728fcdd278e
# Of the commit that is built; the release workflow gives both.
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="acr-replication-operator" \
      org.opencontainers.image.description="Keeps an Azure Container Registry replicated to the regions that one Kubernetes object names" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="https://github.com/acr-replication-operator/acr-replication-operator" \
      org.opencontainers.image.licenses="MIT"
# .mjs, because without a package.json beside it Node would have to guess the kind of module, by parsing it twice.
COPY --from=build /build/dist/main.js /app/main.mjs
# For those who may install nothing: kubectl exec deploy/acr-replication-operator -- /nodejs/bin/node /app/kubectl-acr_replication.mjs
COPY --from=build /build/dist/kubectl-acr_replication.mjs /app/
COPY --from=build /build/dist/THIRD-PARTY-NOTICES.txt /app/
COPY LICENSE /app/
# As a number, so that Kubernetes can verify runAsNonRoot.
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/nodejs/bin/node", "/app/main.mjs"]
