/* One login through libpam, with one answer to every prompt: what is measured. */
#ifndef GARDE_BENCH_ONCE_H
#define GARDE_BENCH_ONCE_H

/* pam_start, pam_authenticate, pam_end. Returns what pam_authenticate gave. `look` (may be NULL) is called at the prompt and before
 * pam_end. */
int once(const char *service, const char *user, const char *code, void (*look)(void));

#endif
