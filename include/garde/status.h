/* Results: what a function tells its caller. Ground layer.
 *
 * A code exists only because some caller branches on it. Outputs (out_*) are untouched unless the
 * result is STATUS_OK. A wrong code typed by a person is not an error: see enum verdict.
 */
#ifndef GARDE_STATUS_H
#define GARDE_STATUS_H

#define GARDE_MUST_CHECK __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,
    STATUS_INVALID,   /* the input breaks a rule of its format or range */
    STATUS_NOT_FOUND, /* what was asked for is not there */
    STATUS_EXISTS,    /* what was to be made is there already */
    STATUS_TAMPERED,  /* an authenticity check failed: tag, seal or chain */
    STATUS_DENIED,    /* wrong owner, wrong mode, or the system said no */
    STATUS_NO_SPACE,  /* the disk is full */
    STATUS_NO_MEMORY, /* memory, descriptors, or a limit of ours */
    STATUS_TIMEOUT,   /* the deadline passed; on a non-blocking descriptor: not now */
    STATUS_CLOSED,    /* the other side is gone */
    STATUS_FAILED,    /* anything else: I/O, a library that failed */
};

/* The answer to a login. Its zero value is "refused", so that forgotten memory refuses. */
enum verdict {
    VERDICT_REFUSED = 0,
    VERDICT_ACCEPTED = 1,
};

#endif
