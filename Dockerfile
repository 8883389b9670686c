# One image a program: docker build --build-arg SERVICE=publisher . (or updater, counter, talaria)
# All programs are built in one stage that doesn't know the argument, so that building the second costs nothing.

FROM docker.io/library/rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --locked --profile dist --package publisher --package updater --package counter --package talaria --features talaria/google

FROM gcr.io/distroless/cc-debian12:nonroot
# Without the argument the build ends here, for want of a program of that name.
ARG SERVICE=set-build-arg-SERVICE
COPY --from=build /source/target/dist/${SERVICE} /usr/local/bin/service
# Nothing is written to the file system: it can be mounted read-only.
# By number, so that a platform can see that it is not root.
USER 65532
ENTRYPOINT ["/usr/local/bin/service"]
