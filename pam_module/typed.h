/* A password and a code that were typed into one field, taken apart. Pure.
 *
 * Where the code begins, the first of these that fits:
 *
 *   a comma is the last character               no code; the password is what stands before the comma
 *   set off by a space or a comma               the shortest tail behind one of them that, its spaces and dashes left out, is `digits` digits,
 *                                               TEMPORARY_CODE_LEN digits, or a recovery code; this one separator is dropped
 *   the last `digits` digits                    behind a password without anything between, with one space or dash among them at most
 *   none of these                               no code; the password is all of it
 *
 * A recovery code is RECOVERY_CODE_LEN characters of Crockford's Base32 in capital or small letters. One that ends in `digits` digits counts only in
 * groups of five, as it is printed: otherwise it is the end of a pass phrase, and a code behind it.
 */
#ifndef GARDE_PAM_TYPED_H
#define GARDE_PAM_TYPED_H

#include <stdint.h>

#include <garde/secret.h>
#include <garde/status.h>

#define TYPED_MAX        1024 /* bytes of one field: more than any password and a code have */
#define TYPED_DIGITS_MIN 6
#define TYPED_DIGITS_MAX 8

/* The caller owns both. The code has no spaces or dashes any more: 0, `digits`, TEMPORARY_CODE_LEN or RECOVERY_CODE_LEN characters.
 * STATUS_INVALID: longer than TYPED_MAX, or digits out of range. STATUS_NO_MEMORY. */
enum status typed_split(const struct secret *text, uint32_t digits, struct secret **out_password,
                        struct secret **out_code) GARDE_MUST_CHECK;

#endif
