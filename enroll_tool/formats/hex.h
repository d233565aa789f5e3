/* Hexadecimal, in either case. */
#ifndef GARDE_TOOL_HEX_H
#define GARDE_TOOL_HEX_H

#include <stddef.h>

#include <garde/secret.h>

/* The value of a digit, or -1. */
int hex_value(char c);

/* The whole text or nothing: STATUS_INVALID. The caller owns the bytes. */
enum status hex_decode(const char *text, size_t len, struct secret **out_bytes) GARDE_MUST_CHECK;

#endif
