/* The running verifier: wires loop, worker, sockets and signals together. */
#ifndef GARDE_VERIFIER_SERVICE_H
#define GARDE_VERIFIER_SERVICE_H

#include "installation.h"
#include "sockets.h"

#define SERVICE_DRAIN_US 10000000ULL /* after SIGTERM, for what is under way */
#define SERVICE_COUNT_US 10000000ULL /* how often counted entries are looked at */
#define SERVICE_IDLE_MS  1000        /* without work: checkpoint */
#define SERVICE_LOOK_MS  2000        /* a look waits for the scan: of the three seconds that the module waits */

/* Serves until SIGTERM or SIGINT; SIGHUP reads the configuration again. Takes the desk over. files: descriptors
 * that may be open at once. */
enum status service_run(const struct installation *installation, struct desk *desk, const struct sockets *sockets,
                        size_t files) GARDE_MUST_CHECK;

#endif
