# Builds the one file that runs; nothing else of the repository reaches the image.
FROM node:24-trixie-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY build.ts ./
COPY src src
RUN npm run build

# Node and nothing else: no shell, no package manager.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="acr-replication-operator" \
      org.opencontainers.image.description="Keeps an Azure Container Registry replicated to the regions that one Kubernetes object names" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# .mjs, because without a package.json beside it Node would have to guess the kind of module, by parsing it twice.
COPY --from=build /build/dist/main.js /app/main.mjs
# As a number, so that Kubernetes can verify runAsNonRoot.
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["/nodejs/bin/node", "/app/main.mjs"]
