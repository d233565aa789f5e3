/* What a file of another system says of one factor. Every format is read into this, and nothing behind the formats knows which
 * one it was.
 *
 * MUST 1  Text of a file is text of a stranger: user, label and issuer are shown through text_show, and nothing of a file that could
 *         not be read as its format is shown at all. (The file may be another than was meant: /etc/shadow.)
 * MUST 2  A secret is in struct secrets from the first byte on; where a library wants bare bytes they are wiped.
 * MUST 3  An entry is taken whole or not at all.
 */
#ifndef GARDE_TOOL_INCOMING_H
#define GARDE_TOOL_INCOMING_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/factor.h>
#include <garde/secret.h>

/* Why an entry cannot be taken. */
enum incoming_fault {
    INCOMING_GOOD = 0,
    INCOMING_NOT_OF_FORMAT, /* not what the format wants */
    INCOMING_LINE_TOO_LONG,
    INCOMING_ZERO_BYTE,  /* binary, or UTF-16 */
    INCOMING_NO_FILE,    /* a list names a file that is not there */
    INCOMING_UNREADABLE, /* ... or that cannot be read, or is no file */
    INCOMING_NOT_THEIRS, /* ... or that belongs to somebody else than the user */
    INCOMING_NO_SECRET,
    INCOMING_BAD_SECRET,   /* not the hexadecimal, Base32 or Base64 that the format wants */
    INCOMING_SECRET_SHORT, /* under 80 bits */
    INCOMING_SECRET_LONG,
    INCOMING_WEAK, /* under 128 bits, and nobody said --accept-weak */
    INCOMING_KIND, /* neither HOTP nor TOTP */
    INCOMING_ALGORITHM,
    INCOMING_DIGITS,
    INCOMING_PERIOD,
    INCOMING_COUNTER,
    INCOMING_OFFSET, /* a clock that is off by more than an hour */
    INCOMING_AHEAD,  /* codes of the future are spent */
    INCOMING_DATES,
    INCOMING_EXPIRED,
    INCOMING_TOO_EARLY,    /* it begins later than a pending factor lives */
    INCOMING_PIN,          /* a PIN in front of the code, which garde has not */
    INCOMING_NO_USER_NAME, /* the file does not say whose it is */
    INCOMING_BAD_TEXT,     /* a name or label is too long, not UTF-8, or holds control characters */
    INCOMING_UNKNOWN_USER,
    INCOMING_UNFIT_USER,
    INCOMING_NAME_SERVICE,
    INCOMING_TWICE,        /* this user, or this secret, was in the file before */
    INCOMING_LOCKED,       /* encrypted, and no key or another one was given */
    INCOMING_FORGED,       /* its MAC is wrong or missing */
    INCOMING_CIPHER,       /* encrypted in a way that is not known */
    INCOMING_PART_MISSING, /* an export in several parts, and not all are here */
    INCOMING_IN_USE,       /* what the verifier said */
    INCOMING_CHANGED,
    INCOMING_TOO_MANY,
    INCOMING_OTHER_UID,
    INCOMING_TAMPERED,
    INCOMING_NOT_TAKEN,
    INCOMING_FAULTS
};

/* What a file said and garde does its own way; told once, at the end. */
enum incoming_note {
    INCOMING_SCRATCH_CODES = 1 << 0,
    INCOMING_WINDOW = 1 << 1, /* more than one step either way */
    INCOMING_REUSE = 1 << 2,  /* codes could be used again */
    INCOMING_RATE_LIMIT = 1 << 3,
    INCOMING_UNKNOWN_LINE = 1 << 4,
};

struct incoming {
    const char *path;         /* the file, as it was given; lives as long as the call */
    unsigned long line;       /* 0: the whole file */
    unsigned long item;       /* in a container or a batch, from 1; 0: a line is one entry */
    unsigned long first_line; /* INCOMING_TWICE: where it was before */
    enum incoming_fault fault;
    unsigned notes;

    char user[USER_SIZE]; /* as the file has it; "": it does not say */
    char label[LABEL_SIZE];
    char issuer[ISSUER_SIZE];
    char serial[LABEL_SIZE]; /* of a token */
    enum factor_kind kind;
    enum factor_algorithm algorithm;
    uint32_t digits;
    uint32_t period_s;
    uint64_t counter; /* HOTP: the next one; TOTP: the first step that counts */
    int32_t offset_steps;
    int64_t not_before_s;
    int64_t not_after_s;
    struct secret *secret;
};

void incoming_wipe(struct incoming *entry);
#define incoming_owner __attribute__((cleanup(incoming_wipe)))

/* Called for each entry, good or not, in the order of the file. The entry stays the caller's. false: no more. */
typedef bool incoming_take(struct incoming *entry, void *context);

/* A word for programs ("weak_secret"), and a sentence for people. Never NULL. */
const char *incoming_fault_name(enum incoming_fault fault);
const char *incoming_fault_text(enum incoming_fault fault);

/* Judges what every format has in common: ranges, sizes, texts. Sets the fault of an entry that has none yet. */
void incoming_check(struct incoming *entry, int64_t now_s);

/* A number with a sign, strictly. */
enum status incoming_signed(const char *text, int64_t max, int64_t *out_number) GARDE_MUST_CHECK;

#endif
