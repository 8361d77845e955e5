import { type PipelineRequest, type PipelineResponse, RestError } from '@azure/core-rest-pipeline';

/** Code of the error for an answer that is too long. */
export const tooLong = 'AnswerTooLong';
/** Code of the error for an answer that is a redirect. */
export const redirected = 'Redirected';

/**
 * Sends a request and takes its answer only if the answer has at most `maxBytes` after decompression and is no
 * redirect, which the SDK would follow with token or secret. An answer that is not taken becomes a RestError with
 * `tooLong` or `redirected` as its code and without a status.
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
