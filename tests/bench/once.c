#include "once.h"

#include <stdlib.h>
#include <string.h>

#include <security/pam_appl.h>

struct answer {
    const char *code;
    void (*look)(void);
};

static int converse(int count, const struct pam_message **messages, struct pam_response **out_responses, void *data)
{
    const struct answer *answer = data;
    struct pam_response *responses = calloc((size_t)count, sizeof *responses);
    if (responses == NULL)
        return PAM_BUF_ERR;

    if (answer->look != NULL)
        answer->look();
    for (int i = 0; i < count; i++)
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF || messages[i]->msg_style == PAM_PROMPT_ECHO_ON)
            responses[i].resp = strdup(answer->code);
    *out_responses = responses;
    return PAM_SUCCESS;
}

int once(const char *service, const char *user, const char *code, void (*look)(void))
{
    struct answer answer = {code, look};
    const struct pam_conv conversation = {.conv = converse, .appdata_ptr = &answer};
    pam_handle_t *handle = NULL;

    int result = pam_start(service, user, &conversation, &handle);
    if (result != PAM_SUCCESS)
        return result;
    result = pam_authenticate(handle, 0);
    if (look != NULL)
        look();
    (void)pam_end(handle, result);
    return result;
}
