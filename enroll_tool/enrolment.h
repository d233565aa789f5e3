/* What `garde enroll` was asked for, and how it is shown. */
#ifndef GARDE_TOOL_ENROLMENT_H
#define GARDE_TOOL_ENROLMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <garde/otp.h>
#include <garde/wire.h>

#include "options.h"
#include "qr.h"
#include "sheet.h"
#include "token_key.h"
#include "tool.h"

struct enrolment {
    const char *typed_user;
    char user[USER_SIZE]; /* canonical */
    uint32_t uid;
    char label[LABEL_SIZE];
    struct otp_uri uri; /* owns the key */
    const char *issuer; /* of --issuer, or NULL */
    const char *png;
    const char *svg;
    const char *sheet;      /* of --sheet, or NULL */
    enum language language; /* of the sheet: --language, else the site's */
    int64_t pending_for_s;  /* 0: the site's */
    bool no_qr;
    bool from_uri; /* --uri-stdin */
    bool no_confirm;
    const char *from;   /* of --from, a list of users instead of one; or NULL */
    const char *sheets; /* of --sheets: the folder for their sheets */
    bool as_json;
    bool handed_out;           /* the factor is not shown here but handed over on a sheet */
    enum token_key_form token; /* --key-stdin: a device that has its secret already; nothing of it is shown */
    int64_t not_before_s;
    int64_t not_after_s;
    const char *typed_replaces;  /* --replaces, or NULL */
    struct wire_factor replaces; /* id 0: none */
};

void enrolment_drop(struct enrolment *enrolment);
#define enrolment_owner __attribute__((cleanup(enrolment_drop)))

extern const struct option_row enrolment_options[];

/* Reads and checks the command line. With --from there is no user. The issuer is the site's unless one is given. Asks the verifier which factor is to be replaced. */
enum tool_exit enrolment_read(struct tool *tool, struct options *options,
                              struct enrolment *out_enrolment) GARDE_MUST_CHECK;

/* Whether there is a moment at which the sheet can be used for the first time. Tells if not: TOOL_REFUSED. */
enum tool_exit enrolment_check_first_use(const struct enrolment *enrolment) GARDE_MUST_CHECK;
/* The sheet of what is enrolled. Its until_s is by the clock as it is now, so never after the verifier's word. */
struct sheet enrolment_sheet(const struct tool *tool, const struct enrolment *enrolment, const struct qr *qr);

/* True: SHA-1, 6 digits, 30 s (or HOTP with the like), which every app honours (Q22). */
bool enrolment_is_usual(const struct otp_uri *uri);

/* The steps of an enrolment; each tells what is wrong. *crypto: made with the first key, for more keys after it; the caller frees it. */
enum tool_exit enrolment_make_key(struct crypto **crypto, struct enrolment *enrolment) GARDE_MUST_CHECK;
enum tool_exit enrolment_make_symbol(const struct otp_uri *uri, struct qr **out_qr) GARDE_MUST_CHECK;
enum tool_exit enrolment_send(struct tool *tool, const struct enrolment *enrolment,
                              struct wire_result *out_result) GARDE_MUST_CHECK;
/* Takes a factor back whose secret nobody got. */
void enrolment_take_back(struct tool *tool, const struct enrolment *enrolment, int64_t factor_id);

/* Key, account and QR code on standard output; without the latter two for a token. STATUS_FAILED: they could not be written, so nobody has seen them whole. */
enum status enrolment_show(const struct enrolment *enrolment, const struct wire_result *result,
                           const struct qr *qr) GARDE_MUST_CHECK;

#endif
