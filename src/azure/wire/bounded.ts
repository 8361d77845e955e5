import { type PipelineRequest, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';

/** Codes of answers that are not taken. */
export const tooLong = 'AnswerTooLong';
export const redirected = 'Redirected';

/**
 * Sends a request and takes its answer only if it has at most `maxBytes` after decompression and is no redirect: the
 * SDK would follow one with token or secret. Neither is a failing status: both are a RestError with a code of ours.
 */
export async function bounded(
  request: PipelineRequest,
  maxBytes: number,
  send: (request: PipelineRequest) => Promise<PipelineResponse>,
): Promise<PipelineResponse> {
  let isTooLong = false;
  request.onDownloadProgress = ({ loadedBytes }) => {
    if (loadedBytes <= maxBytes) return;
    isTooLong = true;
    throw new Error('the answer is too long'); // ends the reading; the SDK makes its own error of it
  };
  let response: PipelineResponse;
  try {
    response = await send(request);
  } catch (error) {
    if (!isTooLong) throw error;
    throw new RestError(`longer than ${maxBytes} bytes`, { code: tooLong, request });
  }
  if (response.status < 300 || response.status >= 400) return response;
  throw new RestError(`answered ${response.status}`, { code: redirected, request });
}
