/* What every harness shares.
 *
 * A harness is a program with one function, LLVMFuzzerTestOneInput: libFuzzer calls it with inputs of its making (preset fuzz), and
 * replay.c with the files of corpus/NAME (everywhere else, so that what was found once stays found). It claims what must hold for
 * any input; "it did not crash" is not enough. Its opening comment names the files it is made for, behind "Target:".
 */
#ifndef GARDE_TESTS_FUZZ_H
#define GARDE_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <garde/status.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline _Noreturn void fuzz_broken(const char *claim, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    abort();
}
#define CLAIM(claim) ((claim) ? (void)0 : fuzz_broken(#claim, __FILE__, __LINE__))

/* An input that is read from the front. What is not there any more is zero. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t input_byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

static inline uint64_t input_number(struct input *input, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | input_byte(input);
    return number;
}

/* Bytes behind a length of two bytes: where they are, in the input. */
static inline const uint8_t *input_bytes(struct input *input, size_t max, size_t *out_len)
{
    size_t len = (size_t)input_number(input, 2);
    len = len > max ? max : len;
    len = len > input->left ? input->left : len;
    const uint8_t *bytes = input->at;
    input->at += len;
    input->left -= len;
    *out_len = len;
    return bytes;
}

/* The same as text with a final zero; size is that of out. An inner zero byte ends it. */
static inline const char *input_text(struct input *input, char *out, size_t size)
{
    size_t len = 0;
    const uint8_t *bytes = input_bytes(input, size - 1, &len);
    if (len > 0)
        memcpy(out, bytes, len);
    out[len] = '\0';
    return out;
}

#endif
