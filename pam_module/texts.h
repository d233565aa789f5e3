/* What a person reads, in French and English, UTF-8. Compiled in: a caller of PAM may have no locale at all (C19). */
#ifndef GARDE_PAM_TEXTS_H
#define GARDE_PAM_TEXTS_H

#include <stddef.h>

#include <garde/wire.h>

#define TEXT_SIZE 128 /* with the final zero */

/* The question for the code. It is the same for every user, and never reads "Password:" (C3). */
void texts_prompt(const struct wire_prompt *prompt, char out_text[TEXT_SIZE]);

/* Told when there is no verdict. prompt: NULL if the verifier had not said yet which language; then in both. */
const char *texts_unavailable(const struct wire_prompt *prompt);

#endif
