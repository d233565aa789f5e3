/* Users in a key container: "UID=alice,OU=..." (RFC 4514), as RFC 6030 wants it, or the bare name. */
#ifndef GARDE_TOOL_PSKC_NAME_H
#define GARDE_TOOL_PSKC_NAME_H

#include <stdbool.h>

#include <garde/factor.h>

#define PSKC_NAME_SIZE (3 * USER_SIZE + 4)

/* false: it does not fit, or is no such name. */
bool pskc_name_decode(const char *text, char out_user[USER_SIZE]);
void pskc_name_encode(const char *user, char out_text[PSKC_NAME_SIZE]);

#endif
