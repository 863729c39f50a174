# A program of a release, in an image without a shell or a package manager, as a user without rights.
#
#   bun run release --target linux-x64 --target linux-arm64
#   docker build --build-arg BASE=…/distroless/cc-debian12:nonroot -t tocsin .
#
# BASE is the image "cc" of the distroless project (glibc and libgcc, which the engine needs; not "static" or
# "base"), with the address of the registry that you take it from, best by its digest.
ARG BASE
FROM alpine AS unpacked
COPY dist/release/ /release/
# The image is of the platform that is built for. Docker's own word, TARGETARCH, is empty without BuildKit.
RUN mkdir -p /unpacked /state/tocsin \
 && chmod 700 /state/tocsin \
 && tar -xzf /release/tocsin-*-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/').tar.gz -C /unpacked --strip-components=1

FROM ${BASE}
COPY --from=unpacked /unpacked/tocsin /usr/bin/tocsin
COPY --from=unpacked /unpacked/LICENSE /unpacked/THIRD-PARTY-NOTICES.txt /usr/share/doc/tocsin/
# A new volume takes over owner and rights of the folder in here.
COPY --from=unpacked --chown=65532:65532 /state/ /var/lib/
USER 65532:65532
WORKDIR /etc/tocsin
# The store and the engine, which is unpacked once, go there.
ENV STATE_DIRECTORY=/var/lib/tocsin
VOLUME /var/lib/tocsin
EXPOSE 8627
STOPSIGNAL SIGTERM
# It reads the daemon's address beside the store, and needs no token there.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/bin/tocsin", "status"]
ENTRYPOINT ["/usr/bin/tocsin"]
CMD ["serve", "--config", "/etc/tocsin/flows.config.ts", "--listen", "0.0.0.0:8627"]
