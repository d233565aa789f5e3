/* What a person reads, in French and English, UTF-8. Compiled in: a caller of PAM may have no locale at all (C19). */
#ifndef GARDE_PAM_TEXTS_H
#define GARDE_PAM_TEXTS_H

#include <stddef.h>

#include <garde/wire.h>

/* The question for the code: the site's own (the option prompt=, shorter than PAM_MAX_MSG_SIZE), or ours where that is NULL. It is the same for every
 * user, but for those who may leave it empty, to whom it says so, behind the site's own if there is room. It never reads
 * "Password:" (C3). size: PAM_MAX_MSG_SIZE at least. */
void texts_prompt(const struct wire_prompt *prompt, const char *own, char *out_text, size_t size);

/* The question for password and code in one field, in the same way; it never says that anything may stay empty. */
void texts_prompt_both(const struct wire_prompt *prompt, const char *own, char *out_text, size_t size);

/* Told when there is no verdict. prompt: NULL if the verifier had not said yet which language; then in both. */
const char *texts_unavailable(const struct wire_prompt *prompt);

#endif
