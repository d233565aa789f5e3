#include "job.h"

#include <stdlib.h>

struct job *job_new(enum job_kind kind)
{
    struct job *job = calloc(1, sizeof *job);
    if (job != NULL)
        job->kind = kind;
    return job;
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    wire_wipe(&job->request);
    wire_wipe(&job->reply);
    for (size_t i = 0; job->rows != NULL && i < JOB_ROWS_MAX; i++)
        wire_wipe(&job->rows[i]);
    free(job->rows);
    secret_wipe(job, sizeof *job);
    free(job);
}
