/* 1. Each response that the caller allocated MUST be wiped and freed, whatever the caller's function returned.
 * 2. What was typed MUST live in a struct secret only. pam_prompt() would hand it out as a bare string, also when
 *    the caller's function failed, so that function is called directly.
 */
#include "conversation.h"

#include <stdlib.h>
#include <string.h>

static void drop_response(struct pam_response **response)
{
    if (*response == NULL)
        return;
    if ((*response)->resp != NULL) {
        secret_wipe((*response)->resp, strlen((*response)->resp));
        free((*response)->resp);
    }
    secret_wipe(*response, sizeof **response);
    free(*response);
    *response = NULL;
}
#define response_owner __attribute__((cleanup(drop_response)))

/* PAM_*: what the caller's function returned. */
static int converse(pam_handle_t *pamh, int style, const char *text, struct pam_response **out_response)
{
    const void *item = NULL;
    if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
        return PAM_CONV_ERR;
    const struct pam_conv *caller = item;
    if (caller->conv == NULL)
        return PAM_CONV_ERR;

    const struct pam_message message = {.msg_style = style, .msg = text};
    const struct pam_message *messages[] = {&message};
    return caller->conv(1, messages, out_response, caller->appdata_ptr);
}

enum outcome conversation_ask(pam_handle_t *pamh, const char *text, bool echo, size_t max, struct secret **out_answer)
{
    response_owner struct pam_response *response = NULL;
    int result = converse(pamh, echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, text, &response);

    if (result == PAM_CONV_AGAIN)
        return OUTCOME_CONV_AGAIN;
    if (result == PAM_BUF_ERR)
        return OUTCOME_NO_MEMORY;
    if (result != PAM_SUCCESS || response == NULL || response->resp == NULL)
        return OUTCOME_CONV_FAILED;

    size_t len = strlen(response->resp);
    if (len > max)
        return OUTCOME_REFUSED;

    struct secret *answer = secret_copy(response->resp, len);
    if (answer == NULL)
        return OUTCOME_NO_MEMORY;
    *out_answer = answer;
    return OUTCOME_UNDECIDED;
}

void conversation_tell(pam_handle_t *pamh, const char *text)
{
    response_owner struct pam_response *response = NULL;
    (void)converse(pamh, PAM_ERROR_MSG, text, &response);
}
